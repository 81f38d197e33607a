(function () {
  "use strict";
  var form = document.querySelector(".filters");
  if (!form) { return; }
  var chosen = {};
  function isOut(about) {
    return Object.keys(given.filters).some(function (kind) {
      return chosen[kind] && given.filters[kind].indexOf(about) >= 0 && about !== chosen[kind];
    });
  }
  function apply() {
    each(form.querySelectorAll("select"), function (select) { chosen[select.dataset.kind] = select.value; });
    each(document.querySelectorAll("[data-about]"), function (part) { part.hidden = isOut(part.dataset.about); });
    // A drawing without a panel left is a frame around nothing.
    each(document.querySelectorAll(".drawing"), function (drawing) {
      if (!drawing.querySelector(".panel:not([hidden])")) { drawing.hidden = true; }
    });
    each(document.querySelectorAll("table[data-name]"), function (table) { table.dispatchEvent(new Event("refilter")); });
    var names = Object.keys(chosen).map(function (kind) { return chosen[kind]; }).filter(Boolean);
    document.getElementById("filter-state").textContent =
      names.length ? word("filtered", { name: names.join(", ") }) : given.words.unfiltered;
    document.dispatchEvent(new Event("filtered"));
  }
  window.chosenFilter = function (kind) { return chosen[kind] || ""; };
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  // Browsers restore a form when they reload a page.
  if (Array.prototype.some.call(form.querySelectorAll("select"), function (select) { return select.value; })) { apply(); }
}());
