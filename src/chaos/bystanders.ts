import type { Faults } from './faults.ts'
import type { Deed, Target, TargetBackend } from './target.ts'

/** What a deed looks at before it is done tells whether somebody is there. */
const LOOKS: readonly Deed[] = ['pause', 'stop', 'kill']

/** The backends that the experiment never touched and that are not there any more, each as a sentence: they ended for reasons of their own. */
export async function endedByOthers({ backends }: Target, { windows }: Pick<Faults, 'windows'>): Promise<string[]> {
  const touched = new Set(windows.map(({ backend }) => backend))
  const found = await Promise.all(backends.filter(({ name }) => !touched.has(name)).map(whyGone))
  return found.flatMap(why => why ?? [])
}

async function whyGone(backend: TargetBackend): Promise<string | undefined> {
  const deed = LOOKS.find(each => backend.can.has(each))
  if (!deed) return undefined
  try {
    await backend.prepare(deed, { kind: deed as 'pause', on: backend.name })
    return undefined
  } catch (error) {
    return `${backend.name} ended, and not by this experiment (${error instanceof Error ? error.message : String(error)})`
  }
}
