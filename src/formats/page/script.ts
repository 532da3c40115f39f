/** Runs on the page: one slider a chart moves a line through its curves and tells their values. No part of the page needs it. */
export const SCRIPT = `
for (const slider of document.querySelectorAll('input[data-chart]')) {
  const chart = document.getElementById(slider.dataset.chart)
  const readout = document.getElementById(slider.dataset.readout)
  const { bucket, levels, curves } = JSON.parse(document.getElementById(slider.dataset.values).textContent)
  const lines = Array.from(chart.querySelectorAll('.plot'), plot => plot.appendChild(document.createElement('i')))
  for (const line of lines) line.className = 'cursor'
  const say = value => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en-US')
  const show = () => {
    const index = Number(slider.value)
    const at = index * bucket
    for (const line of lines) line.style.left = (100 * (index + 0.5)) / (Number(slider.max) + 1) + '%'
    const now = new Map()
    for (const [since, level, connector] of levels) if (since < at + bucket) now.set(connector, level)
    const parts = [Number(at.toFixed(2)) + ' s']
    for (const [connector, level] of now) parts.push(connector + (level < 0 ? ': all levels failed' : ' on level ' + level))
    for (const { name, values, unit } of curves) parts.push(name + ' ' + say(values[index] ?? 0) + unit)
    readout.textContent = parts.join(' · ')
    slider.setAttribute('aria-valuetext', readout.textContent)
  }
  slider.addEventListener('input', show)
  chart.addEventListener('pointermove', event => {
    const plot = event.target.closest('.plot')
    if (!plot) return
    const { left, width } = plot.getBoundingClientRect()
    slider.value = Math.floor(((event.clientX - left) / width) * (Number(slider.max) + 1))
    show()
  })
  slider.hidden = readout.hidden = false
  show()
}
`
