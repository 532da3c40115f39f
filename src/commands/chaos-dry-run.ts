import { dryRun } from '../chaos/dry-run.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { dryRunText } from '../formats/dry-run-text.ts'
import { json } from '../formats/json.ts'
import { redactUrl } from '../otlp/destination.ts'
import type { Ready } from './chaos-once.ts'
import type { ChaosSettings } from './chaos-settings.ts'
import { configName } from './config-name.ts'

/** Prints what would happen, and answers with the exit code. */
export function printDryRun(
  { plan, target, faults }: Ready,
  settings: ChaosSettings,
  asJson: boolean,
  { terminal }: Host,
): number {
  const { claims, probes, abortOn, programs, runs } = settings
  const printed = dryRun({
    plan,
    target,
    ready: faults,
    named: { target: settings.target, config: configName(settings.config), trafficTo: redactUrl(target.trafficUrl) },
    claims: claims.map(({ text }) => text),
    probes,
    abortOn,
    ...programs,
    runs,
  })
  terminal.out(asJson ? json(printed) : dryRunText(printed, painterFor(terminal.colour.out)))
  return 0
}
