import { type Check, when } from './part.ts'
import { tls } from './tls.ts'

export const healthCheck: readonly Check[] = [
  ...tls('tls', true),
  read => when(read.isEmpty('path'), 'path', '`path` is empty', 'Write a path that starts with /, or remove it for the default.'),
]
