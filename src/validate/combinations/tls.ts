import { type Check, when } from './part.ts'

export const tls = (path: string, isServer: boolean): Check[] => [
  read => {
    const pair = (name: string) => read.text(`${path}.${name}_file`) !== '' || read.text(`${path}.${name}_pem`) !== ''
    const half = pair('cert') !== pair('key')
    const none =
      isServer && read.has(path) && read.isTrue(`${path}.enabled`, true) && !pair('cert') && !pair('key') && !read.isNull(path)
    return when(half || none, path, 'a certificate and its key are needed, both', 'Set `cert_file` and `key_file`.')
  },
  ...['ca', 'cert', 'key'].map(
    (name): Check =>
      read =>
        when(
          read.text(`${path}.${name}_file`) !== '' && read.text(`${path}.${name}_pem`) !== '',
          `${path}.${name}_pem`,
          `\`${name}_file\` and \`${name}_pem\` are both set`,
          'Keep one of them.',
        ),
  ),
  read => {
    const [least, most] = [read.text(`${path}.min_version`) || '1.2', read.text(`${path}.max_version`)]
    const bad = /^1\.[0-3]$/.test(most) && /^1\.[0-3]$/.test(least) && most < least
    return when(bad, `${path}.max_version`, `\`max_version\` is ${most}, and \`min_version\` is ${least}`, 'Allow 1.2 at least.')
  },
]
