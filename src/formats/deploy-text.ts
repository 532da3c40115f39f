import type { Painter } from '../core/paint.ts'
import type { DeployResult } from '../deploy/result.ts'

const HEADS: Readonly<Record<DeployResult['outcome'], (target: string, paint: Painter) => string>> = {
  deployed: (target, { green }) => `${green('deployed')} to ${target}`,
  unchanged: target => `unchanged: ${target} runs this config already`,
  'would deploy': target => `would deploy to ${target}; nothing was changed`,
  'rolled back': (target, { yellow }) => `${yellow('rolled back')}: ${target}`,
  conflict: (target, { red }) => `${red('conflict')}: ${target}`,
  unfinished: (target, { red }) => `${red('unfinished')}: ${target}`,
}

/** How a deployment came out, for a person. */
export function deployText(result: DeployResult, paint: Painter): string {
  const { outcome, target, id, reason, differences, levels, remarks, took_s, interrupted } = result
  const connectors = Object.entries(levels).map(([name, level]) => `${name} on level ${level}`)
  const lines = [
    HEADS[outcome](target, paint),
    ...(reason === undefined ? [] : [`  why: ${reason.replaceAll('\n', '\n       ')}`]),
    ...(differences?.length === 0 ? ['  the old state runs: its objects and collectors are as they were before'] : []),
    ...(differences ?? []).map(each => `  ${paint.red('not as it was')}: ${each}`),
    ...(connectors.length > 0 ? [`  levels: ${connectors.join(', ')}`] : []),
    ...remarks.map(remark => `  note: ${remark}`),
    ...(id === undefined ? [] : [`  id ${id}, ${took_s} s${interrupted ? ', interrupted' : ''}`]),
    ...(outcome === 'unfinished' ? ['  Try again: failoverctl deploy recover'] : []),
  ]
  return `${lines.join('\n')}\n`
}
