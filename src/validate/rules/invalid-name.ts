import { normalizeId } from '../../collector/ids.ts'
import { type At, lookup } from '../../source/value.ts'
import type { Rule } from '../rule.ts'

export const invalidName: Rule = {
  id: 'invalid-name',
  severity: 'error',
  kind: 'refused',
  title: 'Components and pipelines have names that the collector takes',
  why: `An id is a type (a letter, then letters, digits or \`_\`), alone or with a \`/\` and a name that is not empty and has no spaces, control characters or
symbols such as \`+\` and \`$\` in it. The collector does not start with any other, whether the component is used or not
(component v1.67.0, identifiable.go; pipeline v1.67.0, pipeline.go). Two spellings of one id are refused too.`,

  *check({ root, components, pipelines }) {
    const keys = [...Object.values(components).flatMap(section => [[...section.values()]]), [...pipelines.values()]]
    for (const section of keys) {
      for (const { id, at } of section) {
        const reason = wrongWith(id)
        if (reason) yield refusal(at, id, reason)
      }
    }
    for (const section of [...SECTIONS.map(name => lookup(root, name)), lookup(root, 'service', 'pipelines')]) {
      if (section?.kind !== 'map') continue
      const seen = new Set<string>()
      for (const { key, keyAt } of section.entries.values()) {
        if (seen.has(normalizeId(key))) yield refusal(keyAt, key, 'it is there twice, spelled in two ways')
        seen.add(normalizeId(key))
      }
    }
  },

  bad: ['receivers: { «5»: , «"a b"»: }', 'exporters: { «otlp/»: , «"otlp/a b"»: , debug: , «" debug"»: }'],

  good: ['exporters: { otlp: , otlp/a/b: , otlp/1-2.3: , "debug / x": , otlp_http/primary: }'],
}

const SECTIONS = ['receivers', 'processors', 'exporters', 'connectors', 'extensions']

function refusal(at: At, id: string, reason: string) {
  return {
    at,
    message: `\`${id}\` is no name that the collector takes: ${reason}`,
    hint: 'Write a type such as `otlp`, or `otlp/name`.',
  }
}

function wrongWith(id: string): string | undefined {
  const slash = id.indexOf('/')
  const type = (slash < 0 ? id : id.slice(0, slash)).trim()
  const name = slash < 0 ? undefined : id.slice(slash + 1).trim()
  if (id.includes('${')) return undefined
  if (type === '') return 'it has no type'
  if (!/^[a-z]\w{0,62}$/i.test(type)) return `\`${type}\` is no type: a letter, then letters, digits or \`_\`, at most 63`
  if (name === '') return 'the part after the `/` is empty'
  if (name !== undefined && (name.length > 1024 || !/^[^\p{Z}\p{C}\p{S}]+$/u.test(name)))
    return 'the name has a space or a symbol in it, or is too long'
  return undefined
}
