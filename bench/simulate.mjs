// How much time of the processor a computed outage takes, and how much memory: each run is a process of its own, start of Node
// included. There is one thread, so on a machine with nothing else to do it is the time on the wall.
//   node bench/simulate.mjs
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../bin/failoverctl.js', import.meta.url))
const config = fileURLToPath(new URL('../fixtures/poc/main.yaml', import.meta.url))
const placebo = fileURLToPath(new URL('../fixtures/placebo.yaml', import.meta.url))

/** Seconds of the processor and peak megabytes of one `simulate`. */
function simulate(file, args) {
  const code = `process.argv.splice(1, 1); await import(${JSON.stringify(cli)}); process.on('exit', () => process.stderr.write(JSON.stringify(process.resourceUsage())))`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', code, '-', cli, 'simulate', file, '--seed', '1', '--json', ...args],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  if (status > 1) throw new Error(`simulate ${args.join(' ')} ended with ${status}: ${stderr}`)
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(stderr.slice(stderr.lastIndexOf('{"userCPU')))
  return { s: (userCPUTime + systemCPUTime) / 1e6, mb: maxRSS / 1024, outcome: JSON.parse(stdout).outcome }
}

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

export function simulations(report) {
  const day = ['--traffic', '10000/s', '--duration', '24h']
  for (const [name, file, args, goal] of [
    ['24 h outage, 10,000/s', config, [...day, '--outage', 'primary=30m..23h'], 2],
    ['24 h placebo, 10,000/s', placebo, [...day, '--outage', 'level0=30m..23h'], 2],
    ['1,000 seeds of 10 minutes', config, ['--outage', 'primary=60s..11m', '--duration', '16m', '--runs', '1000'], 5],
  ]) {
    const runs = Array.from({ length: 3 }, () => simulate(file, args))
    const [s, mb] = [median(runs.map(run => run.s)), Math.max(...runs.map(run => run.mb))]
    report(
      name,
      `${s.toFixed(2)} s, ${mb.toFixed(0)} MB, ${runs[0].outcome.ledger.sent} spans`,
      `${goal} s and 300 MB`,
      s <= goal && mb <= 300,
    )
  }
  const hours = [6, 12, 24, 48]
  const start = simulate(config, ['--outage', 'primary', '--duration', '7m']).s
  const times = hours.map(
    h => simulate(config, ['--traffic', '10000/s', '--duration', `${h}h`, '--outage', `primary=30m..${h - 1}h`]).s - start,
  )
  const growth = times.at(-1) / times[0] / (hours.at(-1) / hours[0])
  const text = hours.map((h, index) => `${h} h ${times[index].toFixed(2)} s`).join(', ')
  report('growth with length', `${text}: ${growth.toFixed(2)} times linear`, 'at most 1.5 times linear', growth <= 1.5)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  simulations((name, measured, goal, met) =>
    console.log(`${met ? 'met   ' : 'MISSED'}  ${name.padEnd(28)} ${measured}; goal: ${goal}`),
  )
