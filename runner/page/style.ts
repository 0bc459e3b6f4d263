/** How the page looks: light and dark, on a phone, and on paper. It names no font and no picture that would have to be loaded. */
export const STYLE = `
:root{color-scheme:light dark;--back:#f7f7f5;--paper:#fff;--text:#1d2329;--quiet:#57616b;--line:#dcdfe2;--soft:#eef0f1;--run:#1c5fb8;--bar:#3b7dd8;--cached:#7f8a94;--good:#1b7440;--bad:#b3251c;--badback:#fcefee;--reason:#eef4fc}
@media (prefers-color-scheme:dark){:root{--back:#14171a;--paper:#1c2024;--text:#e4e7ea;--quiet:#a2abb4;--line:#343a41;--soft:#262b30;--run:#8ab6f2;--bar:#6d9fe0;--cached:#8b959f;--good:#6ac48f;--bad:#ff948a;--badback:#3a2120;--reason:#1c2a3c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:68rem;padding:2rem 1.5rem 3rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1,h2,h3,h4,h5,p,dl,dd,figure,ul{margin:0}
h1{font-size:1.75rem;line-height:1.25;font-weight:650;letter-spacing:-.01em}
h2{margin:2.5rem 0 .75rem;font-size:1.25rem;font-weight:650}
h3{display:flex;align-items:center;gap:.5rem;margin:1.25rem 0 .5rem;font-size:1rem;font-weight:600}
h4{font-size:1rem;font-weight:600}
h5{margin:1.5rem 0 .5rem;font-size:.875rem;font-weight:650}
.quiet{color:var(--quiet);font-weight:400}
.lead{margin:.25rem 0 0;color:var(--quiet);font-size:1.0625rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
code{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
a{color:var(--run);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--run);outline-offset:2px;border-radius:4px}
.icon{flex:none;fill:currentColor;vertical-align:-.15em}
.icon .mark{fill:none;stroke:var(--paper);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.icon .line{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.icon.done{color:var(--good)}.icon.failed{color:var(--bad)}.icon.run{color:var(--run)}.icon.there,.icon.cached,.icon.base{color:var(--cached)}.icon.downloaded{color:var(--bar)}
.state{display:inline-flex;align-items:center;gap:.4rem}
.figures{display:grid;grid-template-columns:repeat(4,1fr);margin-top:1.5rem;border:1px solid var(--line);border-radius:8px;background:var(--paper)}
.figures div{padding:.875rem 1.25rem}
.figures div+div{border-left:1px solid var(--line)}
.figures dt{color:var(--quiet);font-size:.875rem}
.figures dd{font-size:1.375rem;font-weight:600;font-variant-numeric:tabular-nums}
.figures .quiet{font-size:.875rem}
.troubles ul{padding:.75rem 1.25rem .75rem 2.25rem;border-left:4px solid var(--bad);border-radius:4px;background:var(--badback)}
.image{border:1px solid var(--line);border-radius:8px;background:var(--paper);margin-bottom:.5rem}
.image.failed{border-color:var(--bad)}
summary{cursor:pointer}
.image>summary{display:grid;grid-template-columns:1rem minmax(0,1.5fr) minmax(0,1.8fr) 9.5rem minmax(0,.9fr) 4.5rem;gap:0 1rem;align-items:center;padding:.55rem 1.25rem .55rem .9rem;list-style:none}
.image>summary::-webkit-details-marker{display:none}
.image>summary::before{content:"";width:.45rem;height:.45rem;margin-left:.15rem;border:solid var(--quiet);border-width:0 2px 2px 0;transform:rotate(-45deg)}
.image[open]>summary::before{transform:rotate(45deg)}
.image h4{display:flex;gap:.5rem;align-items:center}
.from-cache,.gist{color:var(--quiet);font-size:.875rem}
.gist{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.body{padding:0 1.25rem 1.25rem}
.failure,.reason{margin-top:.5rem;padding:.75rem 1rem;border-left:4px solid var(--bar);border-radius:4px;background:var(--reason)}
.failure{border-color:var(--bad);background:var(--badback)}
.failure+.reason{margin-top:.75rem}
.failure h5,.reason h5{margin:0 0 .15rem;font-weight:600}
.said{white-space:pre-wrap}
.reason .said{font-size:1.0625rem}
table{width:100%;border-collapse:collapse;font-size:.875rem}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;line-height:1.5rem;font-weight:400}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--quiet);border-bottom:1px solid var(--line)}
tbody tr+tr>*,tbody+tbody tr:first-child>*{border-top:1px solid var(--soft)}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.steps td:first-child,.steps thead th:first-child{width:2.5rem;color:var(--quiet)}
.stage th{padding-top:.75rem;color:var(--quiet);font-weight:600}
.steps td:nth-child(3),.layers td:nth-child(3){width:8rem}
.steps td:nth-child(4){width:5rem}
.layers td:first-child{width:5.5rem}
.split{display:grid;grid-template-columns:minmax(0,1.1fr) minmax(0,1fr);gap:0 1.5rem;align-items:start}
.axis{display:flex;justify-content:space-between}
.line{white-space:nowrap}
.note{margin-top:.5rem;color:var(--quiet);font-size:.8125rem}
.bars{display:block;width:100%;height:10px;border-radius:2px;background:var(--soft)}
.bars rect{fill:var(--bar)}
.cached .bars rect,.base .bars rect{fill:var(--cached)}
.downloaded .bars rect{fill:none;stroke:var(--bar);stroke-width:1.5px;vector-effect:non-scaling-stroke}
.split .bars{margin-top:.45rem}
.details{font-size:.875rem}
.details>div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:0 1rem;padding:.2rem 0}
.details dt{color:var(--quiet)}
.entry{display:block}
.more{margin-top:.5rem;font-size:.875rem}
.more>summary{color:var(--run);width:fit-content;padding:.2rem 0}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
figure{padding:1rem 1.25rem;border:1px solid var(--line);border-radius:8px;background:var(--paper)}
figcaption{display:flex;justify-content:space-between;gap:1rem;margin-bottom:.75rem;font-size:.875rem;font-weight:600}
.chart{display:block;width:100%;height:7rem;border-top:1px dashed var(--line);border-bottom:1px solid var(--line)}
.chart rect{fill:var(--bar)}.chart .there{fill:var(--cached)}.chart .failed{fill:var(--bad)}
.marks{display:flex;margin-top:.35rem}
.marks span{flex:1;display:flex;justify-content:center;min-width:0}
.marks .icon{width:min(14px,90%)}
.range{display:flex;justify-content:space-between;margin-top:.25rem;color:var(--quiet);font-size:.8125rem}
nav{display:flex;gap:1.25rem;margin-top:1rem;font-size:.875rem}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.8125rem}
@media (max-width:44rem){
body{padding:1.25rem 1rem 2rem}
h1{font-size:1.375rem}
.figures{grid-template-columns:1fr}
.figures div{display:flex;justify-content:space-between;align-items:baseline;gap:1rem;padding:.6rem 1rem}
.figures div+div{border-left:0;border-top:1px solid var(--line)}
.figures dd{font-size:1.0625rem;text-align:right}
.image>summary{grid-template-columns:1rem minmax(0,1fr) auto;padding:.7rem 1rem .7rem .75rem}
.image>summary .gist,.image>summary .from-cache{grid-column:2}
.gist{white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
.image>summary .span{display:none}
.image>summary .number{grid-column:3;grid-row:1}
.body{padding:0 .75rem 1rem}
.split,.charts{grid-template-columns:minmax(0,1fr)}
.split .axis,.layers .split .bars{display:none}
.split .bars{margin:.15rem 0 .35rem}
.steps,.layers,.steps tbody,.layers tbody{display:block}
.steps thead,.layers thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.steps tbody tr,.layers tbody tr{display:grid;grid-template-columns:1.75rem minmax(0,1fr) 4.25rem;gap:0 .6rem;padding:.25rem 0;border-top:1px solid var(--soft)}
.layers tbody tr{grid-template-columns:4.25rem minmax(0,1fr)}
.steps tbody th,.steps tbody td,.layers tbody th,.layers tbody td{width:auto;padding:.1rem 0;border:0}
.steps tbody th,.layers tbody th{grid-column:2}
.steps td:first-child,.layers td:first-child{grid-area:1/1;width:auto;text-align:left}
.steps td:nth-child(3),.layers td:nth-child(3){grid-area:2/2;width:auto}
.steps td:nth-child(4){grid-area:1/3;width:auto}
.steps .stage th{grid-column:1/-1;padding-top:.4rem}
.builds th,.builds td{padding-right:.5rem}
.details>div{grid-template-columns:minmax(0,1fr)}
}
@media (forced-colors:active){.bars rect,.chart rect{fill:CanvasText}.downloaded .bars rect{fill:none;stroke:CanvasText}}
@media print{
:root{--back:#fff;--paper:#fff;--text:#000;--quiet:#444;--line:#bbb;--soft:#eee;--run:#1c5fb8;--bar:#3b7dd8;--cached:#7f8a94;--good:#1b7440;--bad:#b3251c;--badback:#fff;--reason:#fff;color-scheme:light}
body{max-width:none;padding:0;font-size:10pt}
details::details-content{content-visibility:visible;display:block;height:auto}
.more>summary,nav{display:none}
.image>summary::before{visibility:hidden}
tr,figure,.failure,.reason,.image>summary{break-inside:avoid}
h2,h3,h5,.image>summary{break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;
