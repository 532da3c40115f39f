import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Without it the tests that need it are skipped, but not in CI: `.ci/run` installs it. */
export const hasPromtool = process.env.CI !== undefined || spawnSync('promtool', ['--version']).status === 0

/** What promtool says about a rules file and, where there are some, its unit tests; undefined when all is well. */
export function complaint(rules: string, tests?: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'failoverctl-alerts-'))
  const run = (...words: string[]) => {
    const { status, stdout, stderr, error } = spawnSync('promtool', words, { cwd: folder, encoding: 'utf8' })
    return status === 0 ? undefined : (error?.message ?? stdout + stderr)
  }
  try {
    writeFileSync(join(folder, 'rules.yaml'), rules)
    if (tests !== undefined) writeFileSync(join(folder, 'rules.test.yaml'), tests)
    return run('check', 'rules', 'rules.yaml') ?? (tests === undefined ? undefined : run('test', 'rules', 'rules.test.yaml'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
