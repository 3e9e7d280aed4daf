// What the pages do beyond being read: search, and sorting of the table. Nothing is fetched.
"use strict";

(() => {
  const root = document.body.dataset.root;
  const box = document.querySelector("search");
  const query = document.getElementById("query");
  const found = document.getElementById("found");
  const index = window.recordIndex || [];

  const show = () => {
    const words = query.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    found.replaceChildren();
    if (!words.length) return;
    const hits = index.filter(([text]) => words.every((word) => text.toLocaleLowerCase().includes(word)));
    for (const [text, page] of hits.slice(0, 20)) {
      const link = document.createElement("a");
      link.href = root + page;
      link.textContent = text;
      found.appendChild(document.createElement("li")).append(link);
    }
    if (hits.length > 20) found.appendChild(document.createElement("li")).textContent = `and ${hits.length - 20} more`;
    if (!hits.length) found.appendChild(document.createElement("li")).textContent = "nothing found";
  };

  box.hidden = false;
  query.addEventListener("input", show);
  query.addEventListener("keydown", (event) => {
    if (event.key === "Enter") found.querySelector("a")?.click();
    if (event.key === "Escape") { query.value = ""; show(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      query.focus();
    }
  });

  const table = document.querySelector("table.threads");
  if (!table) return;
  const rows = table.tBodies[0];
  const byNumber = (one, other) => Number(one) - Number(other);
  const byText = (one, other) => one.localeCompare(other, undefined, { numeric: true });
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const isDown = head.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.sort;
      const all = [...rows.rows];
      const compare = all.every((row) => key(row) !== "" && !Number.isNaN(Number(key(row)))) ? byNumber : byText;
      all.sort((one, other) => compare(key(one), key(other)) * (isDown ? -1 : 1));
      rows.append(...all);
    });
  });
})();
