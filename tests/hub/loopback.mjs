// Loaded before emulate, which would listen on every interface and has no way to say which free port it got.
import { Server } from 'node:net'

const listen = Server.prototype.listen
Server.prototype.listen = function () {
  this.once('listening', () => console.log(`listening on ${this.address().port}`))
  return listen.call(this, { host: '127.0.0.1', port: 0 })
}

// The end of standard input is the end of whoever started this.
process.stdin.on('end', () => process.exit()).resume()
