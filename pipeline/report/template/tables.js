(function () {
  "use strict";
  // The value that a cell is sorted by: a number or a day as it was meant, else its text; nothing for unknown.
  function value(text) {
    if (text === "–" || text === "") { return null; }
    var day = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
    if (day) { return Date.UTC(day[3], day[2] - 1, day[1]); }
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) { return Date.parse(text); }
    var plain = text.replace(/^'/, "").replace(/\u2212/g, "-").replace(/^<\s*/, "").replace(/\s*[^\d\s.,-]*$/, "");
    var number = given.decimal === "," ? plain.replace(/\./g, "").replace(",", ".") : plain.replace(/,/g, "");
    return number !== "" && /^-?[\d.]+(e[-+]?\d+)?$/.test(number) ? Number(number) : text.toLocaleLowerCase();
  }
  function compare(one, other) {
    if (one === null || other === null) { return one === other ? 0 : one === null ? 1 : -1; }
    if (typeof one === "number" && typeof other === "number") { return one - other; }
    return String(one).localeCompare(String(other), document.documentElement.lang, { numeric: true });
  }
  function prepare(table) {
    if (table.dataset.ready) { return; }
    table.dataset.ready = "true";
    var body = table.tBodies[0], heads = table.tHead.rows[0].cells, scroll = table.closest(".scroll");
    each(given.rest[table.dataset.name] || [], function (cells) {
      var row = body.insertRow();
      each(cells, function (text, place) {
        var cell = row.insertCell();
        cell.textContent = text;
        cell.className = heads[place].className;
      });
    });
    var rows = Array.prototype.slice.call(body.rows);
    var label = document.createElement("label"), input = document.createElement("input");
    var state = document.createElement("p"), tools = document.createElement("div");
    tools.className = "tools";
    input.type = "search";
    label.textContent = given.words.search + " ";
    label.appendChild(input);
    state.setAttribute("role", "status");
    tools.appendChild(label);
    tools.appendChild(state);
    scroll.parentNode.insertBefore(tools, scroll);
    function show() {
      var wanted = input.value.trim().toLocaleLowerCase(), shown = 0;
      rows.forEach(function (row) {
        var fits = !wanted || row.textContent.toLocaleLowerCase().indexOf(wanted) >= 0;
        each(heads, function (head, place) {
          var name = window.chosenFilter && head.dataset.filter ? window.chosenFilter(head.dataset.filter) : "";
          if (name && row.cells[place].textContent !== name) { fits = false; }
        });
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      state.textContent = word("found", { shown: shown, all: rows.length });
    }
    each(heads, function (head, place) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = head.textContent;
      head.textContent = "";
      var arrow = document.createElement("span");
      arrow.setAttribute("aria-hidden", "true");
      button.appendChild(arrow);
      head.appendChild(button);
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        each(heads, function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        var keyed = rows.map(function (row) { return [value(row.cells[place].textContent), row]; });
        keyed.sort(function (one, other) {
          // Unknown comes last in either direction.
          if (one[0] === null || other[0] === null) { return compare(one[0], other[0]); }
          return up ? compare(one[0], other[0]) : compare(other[0], one[0]);
        });
        rows = keyed.map(function (pair) { return pair[1]; });
        rows.forEach(function (row) { body.appendChild(row); });
        state.textContent = head.textContent + ": " + given.words[up ? "sorted_up" : "sorted_down"];
      });
    });
    input.addEventListener("input", show);
    table.addEventListener("refilter", show);
    show();
  }
  document.addEventListener("toggle", function (event) {
    if (event.target.matches("details.data") && event.target.open) { prepare(event.target.querySelector("table")); }
  }, true);
}());
