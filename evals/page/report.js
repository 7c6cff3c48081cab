"use strict";
// Draws the plots and lists the cases. All text of reports and questions goes in as text, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const STEP = 50;
  const chosen = { words: [], tag: "", order: "worst", outcomes: new Set() };
  let found = [];
  let drawn = 0;

  const at = (id) => document.getElementById(id);

  /** An element with attributes and children; strings become text, null and false nothing. */
  function make(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) if (value !== null) made.setAttribute(key, value);
    made.append(...children.flat(Infinity).filter((child) => child !== null && child !== false));
    return made;
  }
  const text = (name, words, kind) => make(name, { dir: "auto", class: kind || null }, words);

  // Plots

  /** The plot with "--name" replaced by the page's value of that name, and the rest as it is. */
  function painted(value, style) {
    if (Array.isArray(value)) return value.map((one) => painted(one, style));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, painted(one, style)]));
    return typeof value === "string" && value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
  }
  function drawPlots() {
    const style = getComputedStyle(document.documentElement);
    for (const [name, plot] of Object.entries(data.plots)) {
      const { data: traces, layout } = painted(plot, style);
      Plotly.react(at(`plot-${name}`), traces, layout, { displayModeBar: false, responsive: true });
    }
  }

  // Which cases, in which order

  const severity = new Map(data.outcomes.map((name, rank) => [name, rank]));
  const last = Number.POSITIVE_INFINITY;
  const orders = {
    suite: null,
    // What is not judged is not bad for that.
    worst: (one) => (one.outcome === "not judged" ? last : severity.get(one.outcome)),
    grade: (one) => one.grade ?? last,
    surest: (one) => (one.confidence === null ? last : -one.confidence),
    unsure: (one) => one.confidence ?? last,
    slowest: (one) => -(one.seconds ?? 0),
  };

  /** All that a search looks at, in lower case; kept once it was made. */
  function haystack(one) {
    if (one.haystack === undefined) {
      const { answer, expected } = one;
      const parts = [one.id, one.question, ...one.tags, one.error, expected.reference, ...expected.references, ...one.faults];
      parts.push(...one.history.map((turn) => turn.question), ...expected.evidence.map((each) => `${each.report} ${each.file}`));
      parts.push(...expected.facts.flatMap((fact) => fact.alternatives));
      if (answer) parts.push(answer.text, ...answer.citations.map((each) => `${each.title} ${each.quote}`));
      one.haystack = parts.join("\n").toLowerCase();
    }
    return one.haystack;
  }
  const wanted = (one) =>
    (!chosen.tag || one.tags.includes(chosen.tag)) &&
    (!chosen.outcomes.size || chosen.outcomes.has(one.outcome)) &&
    chosen.words.every((word) => haystack(one).includes(word));

  function arrange() {
    found = data.cases.filter(wanted);
    const key = orders[chosen.order];
    if (chosen.order === "question") found.sort((a, b) => a.question.localeCompare(b.question));
    else if (key) found = found.map((one) => [key(one), one]).sort((a, b) => (a[0] === b[0] ? 0 : a[0] - b[0])).map((pair) => pair[1]);
    drawn = 0;
    at("list").replaceChildren();
    drawMore();
    const all = data.cases.length.toLocaleString("en");
    const some = found.length.toLocaleString("en");
    at("count").textContent = !found.length ? "No case is like that" : found.length === data.cases.length ? `All ${all} cases` : `${some} of ${all} cases`;
    for (const chip of at("outcomes").querySelectorAll("button"))
      chip.setAttribute("aria-pressed", String(chosen.outcomes.has(chip.dataset.chip)));
  }
  function drawMore() {
    const next = found.slice(drawn, drawn + STEP);
    at("list").append(...next.map(drawCase));
    drawn += next.length;
    const left = found.length - drawn;
    at("more").hidden = left === 0;
    at("more").textContent = `Show ${Math.min(STEP, left)} more of ${left.toLocaleString("en")}`;
  }

  // One case

  function drawCase(one) {
    const mark = make("i", { "data-outcome": one.outcome, "aria-hidden": "true" });
    const told = one.faults.length ? one.faults.join(" · ") : one.answer ? one.answer.text : "";
    const summary = make("summary", null,
      make("span", { class: "verdict" }, mark, one.outcome),
      make("span", null, text("div", one.question, "question"), told && text("div", told, "why")));
    const box = make("details", { class: "case", "data-case": one.id }, summary);
    // What is inside is drawn when it is first looked at: thousands of cases stay light.
    box.addEventListener("toggle", () => {
      if (box.open && box.children.length === 1) box.append(drawBody(one));
    });
    return box;
  }

  function drawBody(one) {
    const { answer } = one;
    const history = one.history.map((turn) => make("li", null, text("div", turn.question), turn.answer && text("div", turn.answer, "place")));
    const notes = [...(answer ? answer.notes : []), ...one.remarks, one.note];
    return make("div", { class: "body" },
      history.length > 0 && [make("h4", null, "Asked before"), make("ol", null, history)],
      answer && answer.standalone && text("p", `Searched as: ${answer.standalone}`, "place"),
      one.reports && text("p", `Asked of: ${one.reports.join(", ")}`, "place"),
      one.faults.length > 0 && [make("h4", null, "What went wrong"), make("ul", { class: "faults" }, one.faults.map((fault) => text("li", fault)))],
      answer && drawAnswer(answer, one),
      drawExpected(one),
      notes.filter(Boolean).map((note) => text("p", note, "place")),
      drawRanking(one),
      drawMeasures(one));
  }

  function drawAnswer(answer, one) {
    const place = (number) => `case-${data.cases.indexOf(one)}-quote-${number}`;
    const said = answer.statements.map((statement) => make("span", { dir: "auto" }, statement.text,
      statement.citations.map((number) => make("a", { class: "mark", href: `#${place(number)}`, "aria-label": `quote ${number}` }, `[${number}]`)),
      statement.support !== "verified" && make("span", { class: "doubt" }, statement.support === "partial" ? " (supported in part only)" : " (not supported)"), " "));
    return [
      make("h4", null, one.claim ? `Claim, ${answer.answered ? "verified" : "not verified"}` : answer.answered ? "Answer" : "Refusal"),
      said.length ? make("p", { class: "said" }, said) : text("p", answer.text, "said"),
      answer.reason && answer.reason !== answer.text && text("p", answer.reason, "place"),
      answer.missing.length > 0 && text("p", `Not found: ${answer.missing.join(", ")}`, "place"),
      answer.conflicts.map((values) => text("p", `The reports differ: ${values}`, "place")),
      answer.citations.map((source) => drawQuote(source, place(source.number))),
      answer.nearest.length > 0 && [make("h4", null, "Nearest"), answer.nearest.map((source) => drawQuote(source, null))],
    ];
  }
  function drawQuote(source, id) {
    const where = [source.label, source.date].filter(Boolean).join(" · ");
    const judged = source.expected === true ? "a page of evidence" : source.expected === false ? "not a page of evidence" : "";
    return make("div", { class: "quote", id },
      make("div", null, source.number ? make("b", null, `${source.number}  `) : null, text("bdi", source.title),
        text("span", source.title ? ` ${where}` : where, "place"), judged && make("span", { class: "place" }, ` · ${judged}`),
        source.broken && make("span", { class: "doubt" }, " · this quote does not stand on its page")),
      text("blockquote", source.quote));
  }

  /** A list item with a tick or a cross, which is told to those who do not see it. */
  function ticked(good, words, ...rest) {
    const spoken = make("span", { class: "hidden" }, good ? "yes: " : "no: ");
    return make("li", { class: good ? "good" : "miss", dir: "auto" }, spoken, words, ...rest);
  }
  function drawExpected({ claim, answerable, expected }) {
    const pages = (each) => each.pages.map((page) => {
      const where = `${each.report}, ${page.label}`;
      const told = page.cited === null ? [] : [page.cited ? "cited" : "not cited"];
      told.push(page.rank ? `found at rank ${page.rank}` : "not found");
      return ticked(page.cited ?? page.first, where, make("span", { class: "place" }, ` · ${told.join(", ")}`));
    });
    const stated = (fact) => {
      const words = fact.alternatives.join(" / ");
      return fact.covered === null ? text("li", `Fact: ${words}`) : ticked(fact.covered, words);
    };
    const file = (each) => (each.quote ? text("blockquote", each.quote) : null);
    if (answerable && !claim && !expected.reference && !expected.facts.length && !expected.evidence.length) return null;
    return [
      make("h4", null, "Expected"),
      claim && make("p", null, answerable ? "Verified: the references support it." : "Not verified: the references do not support it."),
      !claim && !answerable && make("p", null, "A refusal: the reports do not hold it."),
      expected.reference && text("p", expected.reference),
      expected.references.map((other) => text("p", `or: ${other}`)),
      expected.facts.length > 0 && make("ul", { class: "bare" }, expected.facts.map(stated)),
      expected.evidence.length > 0 && [make("h4", null, "Evidence"),
        expected.evidence.map((each) => make("div", { class: "quote" }, make("ul", { class: "bare" }, pages(each)), file(each)))],
    ];
  }
  function drawRanking({ ranking }) {
    if (!ranking.length) return null;
    const items = ranking.map((page) => make("li", null, text("bdi", page.report), text("span", ` ${page.label}`, "place"), page.expected && make("b", null, " · evidence")));
    return make("details", null, make("summary", null, "Pages found first"), make("ol", null, items));
  }
  function drawMeasures({ id, confidence, seconds, measures, tags }) {
    const pairs = [...measures];
    if (confidence !== null) pairs.unshift(["Confidence", confidence.toFixed(3)]);
    if (seconds !== null) pairs.push(["Time", `${seconds.toFixed(2)} s`]);
    const list = pairs.map(([label, value]) => make("div", null, make("dt", null, label), make("dd", null, value)));
    const about = [`Case ${id}`, ...tags].join(" · ");
    return make("details", null, make("summary", null, "Measures"), make("dl", { class: "measures" }, list), text("p", about, "place"));
  }

  // The filters

  function chip(name, number) {
    const mark = make("i", { "data-outcome": name, "aria-hidden": "true" });
    const made = make("button", { type: "button", class: "chip", "data-chip": name, "aria-pressed": "false" }, mark, `${name} `, make("span", { class: "quiet" }, number.toLocaleString("en")));
    made.addEventListener("click", () => {
      if (!chosen.outcomes.delete(name)) chosen.outcomes.add(name);
      arrange();
    });
    return made;
  }
  function counted(values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    return counts;
  }
  function setUp() {
    const outcomes = counted(data.cases.map((one) => one.outcome));
    at("outcomes").append(...data.outcomes.filter((name) => outcomes.has(name)).map((name) => chip(name, outcomes.get(name))));
    const tags = [...counted(data.cases.flatMap((one) => one.tags))].sort((a, b) => a[0].localeCompare(b[0]));
    at("tag").append(make("option", { value: "" }, "all"), ...tags.map(([tag, number]) => make("option", { value: tag }, `${tag} (${number})`)));
    // An order by what no case has would order nothing.
    const ordering = { grade: "grade", surest: "confidence", unsure: "confidence" };
    for (const [name, key] of Object.entries(ordering))
      if (data.cases.every((one) => one[key] === null)) at("order").querySelector(`[value="${name}"]`).remove();
    at("filters").addEventListener("submit", (event) => event.preventDefault());
    let waiting = 0;
    at("search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        chosen.words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
        arrange();
      }, 120);
    });
    for (const name of ["tag", "order"])
      at(name).addEventListener("change", () => {
        chosen[name] = at(name).value;
        arrange();
      });
    at("more").addEventListener("click", () => {
      const next = drawn;
      drawMore();
      at("list").children[next].querySelector("summary").focus();
    });
    for (const pick of document.querySelectorAll(".pick")) pick.addEventListener("click", () => showOnly(pick.dataset));
  }
  /** From the table of tags, or the outcomes at the top: these cases, and nothing else. */
  function showOnly({ pick, tag }) {
    chosen.outcomes = new Set(pick ? [pick] : []);
    chosen.tag = at("tag").value = tag || "";
    chosen.words = [];
    at("search").value = "";
    arrange();
    at("cases").scrollIntoView();
    at("list").querySelector("summary")?.focus({ preventScroll: true });
  }

  setUp();
  arrange();
  // Plotly's script stands behind this one, so that the cases are there first.
  document.addEventListener("DOMContentLoaded", () => {
    if (!Object.keys(data.plots).length) return;
    drawPlots();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPlots);
  });
})();
