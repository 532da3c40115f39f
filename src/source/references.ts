/** What stands between `${` and `}`, as the Collector takes it apart (confmap v1.67.0 and its providers). */
export type Reference =
  | { readonly kind: 'env'; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: 'yaml'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'remote' }
  /** `meant` is how it is written right, where that is plain. */
  | { readonly kind: 'bad'; readonly reason: string; readonly meant?: string }

/** The first `${…}` that would be expanded: the innermost of nested ones, and none that an odd number of `$` escapes. */
export function findReference(text: string): string | undefined {
  let from = 0
  for (let close = text.indexOf('}'); close >= 0; close = text.indexOf('}', from)) {
    const open = text.slice(from, close).lastIndexOf('${')
    if (open >= 0 && !isEscaped(text, from, from + open)) return text.slice(from + open, close + 1)
    from = close + 1
  }
  return undefined
}

function isEscaped(text: string, from: number, open: number): boolean {
  let dollars = 0
  while (open - dollars > from && text[open - dollars - 1] === '$') dollars++
  return dollars % 2 === 1
}

export function parseReference(reference: string): Reference {
  const inside = reference.slice(2, -1)
  const uri = inside.includes(':') ? inside : `env:${inside}`
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(uri) ?? []
  const name = /^(\w+):-/.exec(inside)?.[1]
  if (name && name !== 'env')
    return { ...bad(`only \`\${env:${name}:-…}\`, with \`env:\`, takes a default`), meant: `\${env:${inside}}` }
  if (scheme === undefined || rest === undefined) return bad(`it does not start with a scheme such as \`env:\`; ${LITERAL}`)
  if (rest.includes('$')) return bad('it contains a `$`')
  return parseScheme(scheme, rest)
}

function parseScheme(scheme: string, rest: string): Reference {
  switch (scheme) {
    case 'env':
      return parseVariable(rest)
    case 'yaml':
      return { kind: 'yaml', text: rest }
    case 'file':
      return { kind: 'file', path: rest }
    case 'http':
    case 'https':
      return { kind: 'remote' }
    default:
      return bad(`the Collector knows the schemes env, file, http, https and yaml, and no \`${scheme}\`; ${LITERAL}`)
  }
}

function parseVariable(rest: string): Reference {
  const cut = rest.indexOf(':-')
  const name = cut < 0 ? rest : rest.slice(0, cut)
  if (!/^[a-z_]\w*$/i.test(name)) return bad(`\`${name}\` is no name of an environment variable; ${LITERAL}`)
  return { kind: 'env', name, fallback: cut < 0 ? undefined : rest.slice(cut + 2) }
}

const LITERAL = 'write `$$` for a `$` that is text'

const bad = (reason: string) => ({ kind: 'bad', reason }) as const
