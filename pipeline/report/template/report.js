(function () {
  "use strict";
  var given = JSON.parse(document.getElementById("charts").textContent);
  function draw(plot) {
    if (plot.dataset.state) { return; }
    plot.dataset.state = "drawing";
    var spec = Object.assign({ width: "container" }, given.specs[plot.dataset.chart]);
    window.vegaEmbed(plot, spec, {
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false,
      config: given.config, tooltip: { disableDefaultStyle: true, theme: "page" }
    }).then(
      function () { plot.dataset.state = "drawn"; },
      function (error) {
        plot.dataset.state = "failed";
        plot.textContent = given.failed + " (" + error.message + ")";
      }
    );
  }
  function isShown(plot) { return plot.getClientRects().length > 0; }
  function drawShown() {
    Array.prototype.forEach.call(document.querySelectorAll(".plot"), function (plot) {
      if (isShown(plot)) { draw(plot); }
    });
  }
  // A folded chart has no width: it is drawn when it is opened.
  document.addEventListener("toggle", drawShown, true);
  window.addEventListener("beforeprint", function () { window.dispatchEvent(new Event("resize")); });
  drawShown();
}());
