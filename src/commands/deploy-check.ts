import type { Graph } from '../collector/graph.ts'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { findingsText } from '../formats/findings-text.ts'
import { decodeText } from '../source/decode-text.ts'
import { readBaseline } from '../validate/baseline.ts'
import { checkConfig } from '../validate/check.ts'
import { judge, type Policy } from '../validate/judge.ts'
import { parseLevel } from '../validate/severities.ts'
import { readProject } from './project.ts'

/** What `validate` finds, as it would tell it, on standard error. Throws `refused-config` where an error is among it. */
export async function checkBefore(
  file: string,
  { collectorVersion, project }: { readonly collectorVersion: Version; readonly project?: string | undefined },
  host: Host,
): Promise<Graph> {
  const { terminal } = host
  const checked = await checkConfig([file], collectorVersion, host)
  const judged = judge([checked], await policyOf(project, host))
  const weighty = judged.findings.filter(({ severity }) => severity !== 'info')
  if (weighty.length > 0)
    terminal.err(
      findingsText({
        findings: weighty,
        texts: checked.texts,
        suppressed: judged.suppressed,
        paint: painterFor(terminal.colour.err),
        columns: terminal.columns,
      }),
    )
  const errors = judged.findings.filter(({ severity }) => severity === 'error').length
  if (errors === 0) return checked.graph
  throw new FailoverctlError(
    'refused-config',
    `${file}: ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was changed`,
    `More about one: failoverctl explain ${judged.findings.find(({ severity }) => severity === 'error')?.rule}`,
  )
}

/** As the project file has it for validate: what a team has decided there holds here, too. */
async function policyOf(from: string | undefined, host: Host): Promise<Policy> {
  const { validate = {} } = (await readProject(from, host)) as {
    readonly validate?: { readonly rules?: readonly string[]; readonly baseline?: string; readonly 'no-suppressions'?: boolean }
  }
  const { rules = [], baseline } = validate
  return {
    levels: new Map(rules.map(parseLevel)),
    suppressions: !validate['no-suppressions'],
    baseline: baseline === undefined ? undefined : readBaseline(baseline, decodeText(baseline, await host.files.read(baseline))),
  }
}
