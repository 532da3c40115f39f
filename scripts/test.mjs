// All tests, one after the other, and one closing line: `N passed, N failed`.
//   node scripts/test.mjs            everything
//   node scripts/test.mjs test/lab   vitest only, with these arguments
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hasGo } from '../test/collector/build.mjs'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

/** Tests that live in real time: one file after the other, so that none of them waits for another's work. */
const TIMED = [
  'test/adapters/',
  'test/chaos/fault-proxy.test.ts',
  'test/cli/',
  'test/commands/chaos-experiment.test.ts',
  'test/commands/chaos.test.ts',
  'test/commands/report.test.ts',
  'test/commands/sink.test.ts',
  'test/engine-docs.test.ts',
  'test/experiment/ready-experiments.test.ts',
  'test/failover/discovery/',
  'test/integration/',
  'test/lab/',
  'test/proxy/',
  'test/sink/sink.test.ts',
]

/** Tests that mostly wait for programs of others, with time to spare: two files at once. */
const PATIENT = [
  'test/docker/',
  'test/integration/alerts.test.ts',
  'test/integration/deploy-',
  'test/integration/kit.test.ts',
  'test/integration/replay-faults.test.ts',
  'test/integration/replay-files.test.ts',
  'test/integration/watch.test.ts',
  'test/kubernetes/',
]

const node = process.execPath
const only = process.argv.slice(2)
const counts = { passed: 0, failed: 0, skipped: 0 }
/** What failed, named again at the end: a record of CI may keep no more than that. */
const failures = []

/** One command as one test. */
function check(name, command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  counts[status === 0 ? 'passed' : 'failed']++
  if (status !== 0) failures.push(name)
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${name}`)
}

function vitest(args) {
  const report = join(tmpdir(), `failoverctl-tests-${process.pid}.json`)
  const { status } = spawnSync(
    node,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile=${report}`, ...args],
    {
      stdio: 'inherit',
    },
  )
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
  rmSync(report, { force: true })
  counts.passed += result?.numPassedTests ?? 0
  counts.skipped += result ? result.numPendingTests + result.numTodoTests : 0
  for (const file of result?.testResults ?? []) {
    if (file.message) failures.push(`${relative('', file.name)}: ${file.message}`)
    for (const test of file.assertionResults)
      if (test.status === 'failed')
        failures.push(
          `${relative('', file.name)}: ${test.fullName}\n${test.failureMessages.join('\n').replace(/\n.*node_modules.*/g, '')}`,
        )
  }
  // A file that does not load has no failed test of its own.
  counts.failed += Math.max(result?.numFailedTests ?? 0, status === 0 ? 0 : 1)
}

if (only.length === 0) {
  check('build', node, ['scripts/build.mjs'])
  check('types', node, ['node_modules/typescript/bin/tsc', '--noEmit'])
  // Once, before the tests that need it: a first build takes minutes, and no test should wait for it.
  if ((await hasGo()) || process.env.CI) {
    check('real collector', node, ['test/collector/build.mjs'])
    check('real API server', node, ['test/kubernetes/build.mjs'])
  }
  check('style', node, ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])
  const without = paths => paths.flatMap(path => ['--exclude', path.endsWith('.ts') ? path : `${path}**`])
  vitest(without([...TIMED, ...PATIENT]))
  vitest(PATIENT)
  vitest(['--no-file-parallelism', ...without(PATIENT), ...TIMED])
} else vitest(only)

for (const failure of failures) console.log(`FAILED  ${failure}\n`)
console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
