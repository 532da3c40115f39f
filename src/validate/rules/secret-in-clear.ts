import { type Graph, SECTIONS } from '../../collector/graph.ts'
import { asText } from '../../collector/settings.ts'
import { SECRET_WORDS } from '../../core/mask.ts'
import { type At, lookup, type Value } from '../../source/value.ts'
import type { Rule } from '../rule.ts'

export const secretInClear: Rule = {
  id: 'secret-in-clear',
  severity: 'warning',
  kind: 'advice',
  title: 'Secrets come from the environment or a file',
  why: `A token in a config is in the repository, in the image, in the ConfigMap, and in what \`print-config\` shows. The collector expands
\`\${env:NAME}\` and \`\${file:/path}\` anywhere in a value (core 0.161.0, confmap).`,

  *check(graph) {
    for (const at of secretsIn(graph)) {
      yield {
        at,
        message: 'a secret in clear text',
        hint:
          'Write `$' + '{env:NAME}` and set the variable where the collector runs. Renew the secret if the config was shared.',
      }
    }
  },

  bad: [
    `
exporters:
  otlp/a: { headers: { «authorization»: "Bearer abcdef", x-scope: tenant } }
  otlp/b: { headers: [{ name: «x-api-key», value: abcdef }] }
  otlphttp: { endpoint: «"https://user:abcdef@otlp.example.com"» }
  kafka: { auth: { sasl: { username: u, «password»: abcdef } } }
extensions: { bearertokenauth: { «token»: abcdef } }
`,
  ],

  good: [
    `
exporters:
  otlp/a: { headers: { authorization: "Bearer \${env:TOKEN}", x-token: "\${TOKEN}", cookie: "" } }
  otlphttp: { endpoint: "https://otlp.example.com", auth: { authenticator: basicauth/token } }
extensions: { bearertokenauth: { token: "\${env:TOKEN}", filename: /run/secrets/token, scheme: Token } }
`,
  ],
}

const SECRET = new RegExp(SECRET_WORDS, 'i')
/** Names that hold such a word and say where a secret is, or how it is used. */
const HARMLESS = /(file|filename|path|url|uri|endpoint|name|type|id|enabled|cookies|ttl|interval|keys)$/i
const PASSWORD_IN_URL = /^[a-z][\w+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i

function secretsIn({ components }: Graph): At[] {
  return SECTIONS.flatMap(section => [...components[section].values()].flatMap(({ settings }) => [...within(settings)]))
}

function* within(value: Value | undefined): Generator<At> {
  if (value?.kind === 'list') for (const item of value.items) yield* within(item)
  if (value?.kind === 'scalar' && !value.fromEnvironment && PASSWORD_IN_URL.test(value.text)) yield value.at
  if (value?.kind !== 'map') return
  const name = lookup(value, 'name')
  if (name && SECRET.test(asText(name) ?? '') && isClear(lookup(value, 'value'))) yield name.at
  for (const { key, keyAt, value: inside } of value.entries.values()) {
    if (isSecretName(key) && isClear(inside)) yield keyAt
    else yield* within(inside)
  }
}

const isSecretName = (key: string) => SECRET.test(key) && !HARMLESS.test(key)

const isClear = (value: Value | undefined): boolean =>
  value?.kind === 'scalar' &&
  !value.fromEnvironment &&
  typeof value.value === 'string' &&
  value.text !== '' &&
  !value.text.includes('${')
