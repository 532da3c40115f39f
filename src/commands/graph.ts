import { Command, Option } from 'commander'
import { type Drawing, drawingOf } from '../collector/drawing.ts'
import { readGraph } from '../collector/read-graph.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { type Painter, painterFor } from '../core/paint.ts'
import { graphMermaid } from '../formats/graph-mermaid.ts'
import { graphSvg } from '../formats/graph-svg.ts'
import { graphText } from '../formats/graph-text.ts'
import { readConfig } from '../source/read-config.ts'
import { configOption, projectOption } from './flags.ts'

const DRAWN = { text: graphText, mermaid: graphMermaid, svg: graphSvg } satisfies Record<
  string,
  (drawing: Drawing, paint: Painter) => string
>

type DrawnFormat = keyof typeof DRAWN

export interface GraphOptions {
  readonly config: readonly string[]
  readonly format: DrawnFormat
}

// Flags end here …
export const graphCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('graph')
    .description('Draw the paths through a collector: receivers, pipelines, levels of failover connectors, exporters.')
    .argument('[files...]', 'collector configs, merged as the collector merges them; - is standard input')
    .addOption(configOption())
    .addOption(new Option('-f, --format <name>', 'how it is drawn').choices(Object.keys(DRAWN)).default('text'))
    .addOption(projectOption())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: GraphOptions) => done(await graph(files, options, host)))

const EXAMPLES = `
  failoverctl graph config.yaml
  failoverctl graph config.yaml --format mermaid >> README.md
  failoverctl graph config.yaml --format svg > paths.svg`

// … and work begins here: plain values in, an exit code out.
export async function graph(files: readonly string[], { config, format }: GraphOptions, host: Host): Promise<number> {
  const locations = [...config, ...files]
  if (locations.length === 0) {
    throw new FailoverctlError('wrong-use', 'no config is named', 'Name a file: failoverctl graph config.yaml')
  }
  const { root } = await readConfig(locations, { read: path => host.files.read(path), env: host.env })
  const drawing = drawingOf(readGraph(root))
  if (drawing.boxes.length === 0) {
    const hint = 'A config has `service: {pipelines: …}`; `failoverctl validate` says more.'
    throw new FailoverctlError('not-a-config', `${locations.join(' + ')}: no pipelines to draw`, hint)
  }
  host.terminal.out(DRAWN[format](drawing, painterFor(host.terminal.colour.out)))
  return 0
}
