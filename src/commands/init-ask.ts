import type { Host } from '../core/host.ts'
import { type KitWish, PLATFORMS, type Platform, remoteLevels, SHAPES, type Shape } from '../kit/wish.ts'
import { type InitOptions, wrongEndpoint } from './init.ts'

/** The wish of the flags; what they leave open is asked where a person is there, and has a default where nobody is. */
export async function askWish(options: InitOptions, { terminal }: Host): Promise<KitWish> {
  const ask = options.yes ? undefined : terminal.ask
  const choose = async <T extends string>(
    given: T | undefined,
    question: string,
    choices: Readonly<Record<T, string>>,
    preset: T,
  ) => given ?? ((await ask?.choose(question, choicesOf(choices), preset)) as T | undefined) ?? preset
  const shape: Shape = await choose(options.shape, 'Which levels?', SHAPES, 'three-levels')
  const platform: Platform = await choose(options.for, 'Where does it run?', PLATFORMS, 'file')
  const endpoints: string[] = []
  for (const [index, level] of remoteLevels(shape).entries()) {
    const preset = `https://${level}.example.com:4318`
    const given = options.endpoint[index]
    endpoints.push(given ?? (await ask?.text(`OTLP/HTTP address of the ${level} backend?`, preset, wrongEndpoint)) ?? preset)
  }
  const { name, namespace, replicas, outage, rate, collectorVersion } = options
  return {
    shape,
    platform,
    endpoints,
    name,
    namespace,
    replicas,
    outageMs: outage,
    bytesPerSecond: rate,
    version: collectorVersion.text,
  }
}

const choicesOf = (choices: Readonly<Record<string, string>>) =>
  Object.entries(choices).map(([value, about]) => ({ value, about }))
