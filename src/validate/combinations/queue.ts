import { type Check, DUPLICATE, type Read, twice, when } from './part.ts'

export const queue: readonly Check[] = [
  read =>
    when(
      batchIsOn(read) &&
        read.isDuration('sending_queue.batch.flush_timeout') &&
        read.ms('sending_queue.batch.flush_timeout') <= 0,
      'sending_queue.batch.flush_timeout',
      '`flush_timeout` is not above 0',
      'Write a duration such as 200ms, or remove it.',
    ),
  read => {
    const [least, most] = [read.number('sending_queue.batch.min_size', 8192), read.number('sending_queue.batch.max_size')]
    return when(
      batchIsOn(read) && most > 0 && most < least,
      read.has('sending_queue.batch.max_size') ? 'sending_queue.batch.max_size' : 'sending_queue.batch',
      `\`max_size\` (${most}) is less than \`min_size\` (${least})`,
      'Make `max_size` 0, which is no limit, or at least as large.',
    )
  },
  read => {
    const sizer = read.text('sending_queue.sizer', 'requests')
    const own = read.text('sending_queue.batch.sizer', read.has('sending_queue.sizer') ? sizer : 'items')
    const [least, room] = [read.number('sending_queue.batch.min_size', 8192), read.number('sending_queue.queue_size', 1000)]
    return when(
      batchIsOn(read) && sizer === own && least > room,
      read.has('sending_queue.batch.min_size') ? 'sending_queue.batch.min_size' : 'sending_queue.batch',
      `\`min_size\` (${least}) is more than the queue holds (\`queue_size\` is ${room})`,
      'Make the queue larger, or `min_size` smaller.',
    )
  },
  read => {
    const keys = read.texts('sending_queue.batch.partition.metadata_keys')
    return when(batchIsOn(read) && twice(keys), 'sending_queue.batch.partition.metadata_keys', DUPLICATE, 'Name each once.')
  },
]

const queueIsOn = (read: Read) => read.isTrue('sending_queue.enabled', true)
const batchIsOn = (read: Read) =>
  queueIsOn(read) && read.has('sending_queue.batch') && read.isTrue('sending_queue.batch.enabled', true)
