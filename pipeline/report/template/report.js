var given = JSON.parse(document.getElementById("given").textContent);
function each(list, work) { Array.prototype.forEach.call(list, work); }
function word(name, values) {
  return given.words[name].replace(/\[(\w+)\]/g, function (all, key) { return key in values ? values[key] : all; });
}
(function () {
  "use strict";
  function draw(plot) {
    if (plot.dataset.state) { return; }
    plot.dataset.state = "drawing";
    var spec = Object.assign({ width: "container" }, given.specs[plot.dataset.chart]);
    window.vegaEmbed(plot, spec, Object.assign({
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false,
      config: given.config, tooltip: { disableDefaultStyle: true, theme: "page" }
    }, given.locale)).then(
      function () { plot.dataset.state = "drawn"; },
      function (error) {
        plot.dataset.state = "failed";
        plot.textContent = given.words.failed + " (" + error.message + ")";
      }
    );
  }
  function drawShown(event) {
    // Only what was opened can have come into sight.
    var inside = event && event.type === "toggle" ? event.target : document;
    each(inside.querySelectorAll(".plot"), function (plot) {
      if (plot.getClientRects().length > 0) { draw(plot); }
    });
  }
  // A folded chart has no width: it is drawn when it is opened, or shown again by a filter.
  document.addEventListener("toggle", drawShown, true);
  document.addEventListener("filtered", drawShown);
  window.addEventListener("beforeprint", function () { window.dispatchEvent(new Event("resize")); });
  drawShown();
}());
