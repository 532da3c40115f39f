import { type Check, DUPLICATE, fromZero, twice, when } from './part.ts'

export const batch: readonly Check[] = [
  fromZero('timeout'),
  read => {
    const [size, most] = [read.number('send_batch_size', 8192), read.number('send_batch_max_size')]
    return when(
      most > 0 && most < size,
      'send_batch_max_size',
      `\`send_batch_max_size\` (${most}) is less than \`send_batch_size\` (${size})`,
      'Make it 0, which is no limit, or at least as large.',
    )
  },
  read => when(twice(read.texts('metadata_keys')), 'metadata_keys', DUPLICATE, 'Name each once.'),
]
