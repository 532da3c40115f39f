import { Command, Option } from 'commander'
import type { Version } from '../collector/versions.ts'
import { FailoverctlError } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import { painterFor } from '../core/paint.ts'
import { kitText, whyText } from '../formats/kit-text.ts'
import { kitFiles } from '../kit/kit.ts'
import { plainText } from '../kit/why.ts'
import { type KitFile, type KitWish, PLATFORMS, type Platform, remoteLevels, SHAPES, type Shape } from '../kit/wish.ts'
import { redactUrl } from '../otlp/destination.ts'
import { bytesFlag } from './expected-options.ts'
import { collectorVersionOption } from './flags.ts'
import { askWish } from './init-ask.ts'
import { derivedFiles } from './init-derived.ts'
import { countFlag, durationFlag } from './values.ts'

export interface InitOptions {
  readonly shape?: Shape
  readonly for?: Platform
  readonly endpoint: readonly string[]
  readonly name: string
  readonly namespace: string
  readonly replicas: number
  readonly outage: number
  /** Bytes a second. */
  readonly rate: number
  readonly collectorVersion: Version
  readonly explain: boolean
  readonly yes: boolean
}

// Flags end here …
export const initCommand = (host: Host, done: (exit: number) => void): Command =>
  new Command('init')
    .description('Write a set-up that fails over: configs, manifests, alerts, experiments, a workflow. Asks when on a terminal.')
    .argument('[folder]', 'where it is written', '.')
    .addOption(
      new Option('--shape <shape>', 'which levels there are (default: asked, or three-levels)').choices(Object.keys(SHAPES)),
    )
    .addOption(new Option('--for <platform>', 'where it runs (default: asked, or file)').choices(Object.keys(PLATFORMS)))
    .addOption(
      new Option('--endpoint <url>', 'OTLP/HTTP address of a backend; repeat it, the highest level first')
        .argParser((url: string, before: readonly string[] | undefined) => [...(before ?? []), url])
        .default([], 'examples'),
    )
    .addOption(new Option('--name <name>', 'what the gateway is called').default('otel-gateway'))
    .addOption(new Option('--namespace <namespace>', 'for Kubernetes').default('observability'))
    .addOption(new Option('--replicas <count>', 'for Kubernetes').argParser(countFlag(1)).default(2))
    .addOption(
      new Option('--outage <duration>', 'the longest outage that queues and backups have to last for')
        .argParser(durationFlag)
        .default(4 * 3_600_000, '4h'),
    )
    .addOption(
      new Option('--rate <amount>', 'how much telemetry there is at most').argParser(bytesFlag).default(1024 ** 2, '1MB/s'),
    )
    .addOption(collectorVersionOption())
    .addOption(new Option('--explain', 'print every file with the reason of every line, and write nothing').default(false))
    .addOption(new Option('--yes', 'ask nothing').default(false))
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options: InitOptions) => done(await init(folder, options, host)))

const EXAMPLES = `
Shapes:
${Object.entries(SHAPES)
  .map(([name, about]) => `  ${name.padEnd(20)}${about}`)
  .join('\n')}

  failoverctl init gateway
  failoverctl init gateway --shape three-levels --for kubernetes --endpoint https://a.example:4318 --endpoint https://b.example:4318
  failoverctl init --explain --shape two-backends | less`

// … and work begins here: plain values in, an exit code out.
export async function init(folder: string, options: InitOptions, host: Host): Promise<number> {
  const wish = checked(await askWish(options, host), options.endpoint.length)
  const files = kitFiles(wish)
  const all = [...files, ...(await derivedFiles(wish, files, options.collectorVersion, host))]
  const paint = painterFor(host.terminal.colour.out)
  if (options.explain) {
    host.terminal.out(whyText(all, paint))
    return 0
  }
  await writeAll(folder, all, host)
  host.terminal.out(kitText(folder, all, wish, paint))
  return 0
}

/** Where anything stands in the way, nothing is written. */
async function writeAll(folder: string, all: readonly KitFile[], { files }: Host): Promise<void> {
  const at = (path: string) => (folder === '.' ? path : `${folder}/${path}`)
  const there: string[] = []
  for (const { path } of all) if (await files.exists(at(path))) there.push(at(path))
  if (there.length > 0)
    throw new FailoverctlError(
      'unwritable',
      `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already; nothing was written`,
      'Name another folder, or move what is there.',
    )
  for (const [index, { path, text }] of all.entries()) {
    try {
      await files.append(at(path), new TextEncoder().encode(plainText(text)))
    } catch (error) {
      // Half of a set-up would stand in the way of the next attempt. The last one may be there in part.
      for (const written of all.slice(0, index + 1)) await files.remove(at(written.path)).catch(() => {})
      throw error
    }
  }
}

const NAME = /^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/

/** Throws `wrong-use` for what no collector or cluster would take. */
function checked(wish: KitWish, given: number): KitWish {
  for (const name of [wish.name, wish.namespace])
    if (!NAME.test(name))
      throw new FailoverctlError(
        'wrong-use',
        `${name} is no name for Kubernetes or Compose`,
        'Lower case letters, digits and dashes.',
      )
  const levels = remoteLevels(wish.shape).length
  if (given > levels)
    throw new FailoverctlError(
      'wrong-use',
      `--endpoint is given ${given} times, and ${wish.shape} has ${levels === 1 ? 'one backend' : `${levels} backends`}`,
      'Name as many as it has, or another --shape.',
    )
  for (const endpoint of wish.endpoints) {
    const wrong = wrongEndpoint(endpoint)
    if (wrong !== undefined)
      throw new FailoverctlError(
        'wrong-use',
        `--endpoint ${redactUrl(endpoint)}: ${wrong}`,
        'Example: --endpoint https://otlp.example.com:4318',
      )
  }
  return wish
}

/** What is wrong with an endpoint, as a sentence goes on; undefined where nothing is. */
export function wrongEndpoint(text: string): string | undefined {
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) return 'expected an address with http:// or https://'
  const { username, password, search, hash } = new URL(text)
  if (search || hash) return 'an address without ? and #: the collector adds /v1/traces to its end'
  return username || password ? 'a password does not belong into an address; name a header in the config' : undefined
}
