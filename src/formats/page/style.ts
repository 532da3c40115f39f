/** The look of the page, in light and dark; colours are never the only sign. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #16202b; --dim: #52606d; --paper: #ffffff; --sheet: #f4f6f8; --line: #d5dbe1;
  --good: #0b6e3a; --bad: #b3261e; --open: #7a5600; --fault: #b3261e26; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --dim: #a3b0bd; --paper: #12181f; --sheet: #1b242d; --line: #35414d;
  --good: #5fd38d; --bad: #ff8a80; --open: #f0c04a; --fault: #ff8a8033; --accent: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem 1rem 3rem; }
h1 { font-size: 1.25rem; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
small, .given, .notes, .note, figcaption, .where { color: var(--dim); font-size: .875rem; }
.verdict { font-size: 1.6rem; margin-top: 1rem; }
.held { color: var(--good); } .deviated { color: var(--bad); } .unknown { color: var(--open); }
.reason { font-size: 1.1rem; margin: 0 0 1rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.4rem, 1fr)); gap: .5rem; margin: 0; }
.card { background: var(--sheet); border-left: 4px solid var(--line); padding: .5rem .75rem; }
.card.bad { border-color: var(--bad); } .card.bad dd { color: var(--bad); }
.card dt { color: var(--dim); font-size: .875rem; } .card dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.3; }
.card small { display: block; font-weight: 400; line-height: 1.35; }
figure { margin: 0 0 .75rem; } figcaption { margin-bottom: .25rem; }
.key { white-space: nowrap; margin-left: .75rem; } .key svg { vertical-align: middle; margin-right: .3rem; fill: none; }
.key i { display: inline-block; width: 1rem; height: .7rem; margin-right: .3rem; }
.row { display: flex; } .gutter { position: relative; flex: 0 0 4.6rem; }
.gutter span { position: absolute; right: .5rem; transform: translateY(-50%); font-size: .75rem; color: var(--dim); white-space: nowrap; }
.plot { position: relative; flex: 1; min-width: 0; background: var(--sheet); border-bottom: 1px solid var(--line); overflow: hidden; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.plot .line { stroke-width: 2; } .plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .level { stroke: var(--accent); stroke-width: 3; } .plot .fault { fill: var(--fault); }
.plot .lost { fill: var(--bad); fill-opacity: .75; } .key .lost { background: var(--bad); }
.plot .refused { fill: var(--dim); fill-opacity: .4; } .key .refused { background: var(--dim); }
.plot .queue { fill: var(--accent); fill-opacity: .35; stroke: var(--accent); } .bar { fill: var(--accent); }
.cursor { position: absolute; top: 0; bottom: 0; width: 0; border-left: 2px solid var(--ink); pointer-events: none; }
.faults { position: relative; flex: 1; min-height: 1.5rem; min-width: 0; }
.faults span { position: absolute; color: var(--bad); font-size: .8rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.axis { position: relative; flex: 1; height: 1.4rem; min-width: 0; }
.axis span { position: absolute; font-size: .75rem; color: var(--dim); white-space: nowrap; transform: translateX(-50%); }
.axis span:first-child { transform: none; } .axis span.end { transform: translateX(-100%); }
.slide { flex: 1; min-width: 0; } .slide input { width: calc(100% + 16px); margin: 0 -8px; accent-color: var(--accent); }
output { display: block; min-height: 3em; font-size: .875rem; }
details { margin: .5rem 0; } summary { cursor: pointer; } summary:focus-visible, input:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.events { list-style: none; padding: 0; margin: .5rem 0; } .events li { display: flex; gap: .75rem; } time { flex: 0 0 5.5rem; text-align: right; color: var(--dim); font-variant-numeric: tabular-nums; }
.why, .assertions { padding-left: 1.2rem; } .why li { margin-bottom: .6rem; } .where { display: block; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line); } tbody th, .note { text-align: left; font-weight: 400; }
.histograms { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1.5rem; } .bars { height: 110px; }
.several { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 2rem; } .several > * { min-width: 0; }
.bar.held { fill: var(--accent); } .bar.deviated { fill: var(--bad); } .bar.unknown, .bar.unfinished { fill: var(--open); }
.never { fill: none; stroke: var(--dim); stroke-dasharray: 4 4; vector-effect: non-scaling-stroke; } .unfinished { color: var(--open); }
.note-line { margin: -.5rem 0 1.5rem; padding-left: 4.6rem; color: var(--dim); font-size: .875rem; }
.checks td, .checks th, .runs .what { text-align: left; vertical-align: top; } .checks small { display: block; } .checks tbody th, .checks td:nth-child(2), .runs th, .runs td { white-space: nowrap; }
.runs .what { white-space: normal; min-width: 12rem; } .runs th:first-child { text-align: left; } .skipped { color: var(--dim); }
.finer { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; font-size: .875rem; } .finer dt { color: var(--dim); } .finer dd { margin: 0; }
.run { border-top: 1px solid var(--line); padding: .5rem 0; margin: 0; }
@media (prefers-color-scheme: dark) { .plot .line, .key path { filter: brightness(1.55); } }
footer { margin-top: 3rem; color: var(--dim); font-size: .875rem; }
@media (max-width: 34rem) { .gutter { flex-basis: 3.9rem; } .axis .minor { display: none; } .note { display: none; } .key { margin-left: .4rem; } }
@media (max-width: 34rem) { .checks thead { display: none; } .checks tr, .checks th, .checks td { display: block; } .checks tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .checks th, .checks td { border: 0; padding: 0; } .checks tbody th { font-weight: 600; } .checks td:nth-child(3)::before { content: 'expected: '; } .checks td:nth-child(4)::before { content: 'observed: '; }
  .note-line { padding-left: 3.9rem; } }
@media print { output, .slide { display: none; } main { max-width: none; } }
`
