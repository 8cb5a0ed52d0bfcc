"use strict";
// The page works without this script: charts are pictures then, and nothing can be chosen.
document.documentElement.classList.add("scripted");

/** Draw every chart again, as wide as its place and with answers to the pointer; where that fails its picture stays. */
async function drawCharts() {
  for (const figure of document.querySelectorAll("figure.chart")) {
    const specification = JSON.parse(figure.querySelector("script").textContent);
    specification.width = "container";
    if (figure.clientWidth < 520) narrow(specification);
    try {
      await vegaEmbed(figure.querySelector(".live"), specification, { renderer: "svg", actions: false });
      figure.classList.add("drawn");
    } catch (error) {
      console.error(error);
    }
  }
  document.documentElement.dataset.charts = document.querySelectorAll("figure.chart.drawn").length;
}

/** Legends with one name below the other. */
function narrow(specification) {
  for (const layer of specification.layer || []) {
    for (const channel of Object.values(layer.encoding || {})) {
      if (channel.legend) channel.legend.columns = 1;
    }
  }
}

/** Counts and classes of a confusion matrix become choices that show their samples below it. */
function offerSamples(table) {
  const lists = `.samples[data-training="${table.dataset.training}"]`;
  const samples = [...document.querySelectorAll(`${lists} > .sample`)];
  const panel = table.closest("section").querySelector(".picked");
  for (const cell of table.querySelectorAll("[data-label], [data-prediction]")) {
    const { label, prediction } = cell.dataset;
    const found = samples.filter(
      ({ dataset }) =>
        (label === undefined || dataset.label === label) &&
        (prediction === undefined || dataset.prediction === prediction),
    );
    if (!found.length) continue;
    cell.classList.add("choice");
    cell.tabIndex = 0;
    cell.setAttribute("role", "button");
    const choose = () => {
      const again = cell.classList.contains("chosen");
      table.querySelectorAll(".chosen").forEach((other) => other.classList.remove("chosen"));
      panel.hidden = again;
      panel.replaceChildren();
      if (again) return;
      cell.classList.add("chosen");
      const title = document.createElement("h3");
      title.textContent = describe(label, prediction);
      const list = document.createElement("ul");
      list.className = found[0].parentElement.className;
      list.append(...found.map((sample) => sample.cloneNode(true)));
      panel.append(title, list);
    };
    cell.addEventListener("click", choose);
    cell.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose();
      }
    });
  }
}

function describe(label, prediction) {
  if (label === undefined) return `Taken for ${prediction}`;
  if (prediction === undefined) return `Truly ${label}`;
  return label === prediction ? `${label}, recognised` : `${label} taken for ${prediction}`;
}

/** A part of a floor plan alone, while the pointer is on its name, or after a click on it. */
function offerParts(figure) {
  const floor = figure.querySelector(".floor");
  let kept = null;
  const show = (mark) => {
    floor.classList.toggle("one", mark !== null);
    for (const part of floor.querySelectorAll(".part")) part.classList.toggle("shown", part.dataset.mark === mark);
  };
  for (const item of figure.querySelectorAll(".legend li")) {
    const mark = item.dataset.mark;
    item.addEventListener("pointerenter", () => show(mark));
    item.addEventListener("pointerleave", () => show(kept));
    item.addEventListener("click", () => show((kept = kept === mark ? null : mark)));
  }
}

document.querySelectorAll("table.confusion").forEach(offerSamples);
document.querySelectorAll(".floor-plan").forEach(offerParts);
document.addEventListener("click", (event) => {
  const sample = event.target.closest(".sample");
  if (sample && sample.querySelector("img")) sample.classList.toggle("large");
});
if (window.vegaEmbed) drawCharts();
