import type { Painter } from '../core/paint.ts'
import type { Lab } from '../lab/lab.ts'

/** Where everything in a running lab listens. */
export function labText({ receivers, backends, metricsUrl, healthUrl, notes }: Lab, folder: string, paint: Painter): string {
  const rows = [
    ...receivers.map(({ receiver, protocol, url }) => [`receiver ${receiver} (${protocol})`, url]),
    ...backends.map(({ name, exporters, address }) => [
      `backend ${name} (${exporters.join(', ')})`,
      address ? `http://${address.host}:${address.port}` : `in the lab; files under ${folder}`,
    ]),
    ['metrics', metricsUrl],
    ...(healthUrl ? [['health check', healthUrl]] : []),
  ]
  const width = Math.max(...rows.map(([name = '']) => name.length))
  const lines = [
    paint.bold('The lab is running. Ctrl-C ends it.'),
    ...rows.map(([name = '', where]) => `  ${name.padEnd(width)}  ${where}`),
    ...notes.map(note => paint.dim(`note: ${note}`)),
  ]
  return `${lines.join('\n')}\n`
}
