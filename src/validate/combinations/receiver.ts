import { type Check, when } from './part.ts'
import { tls } from './tls.ts'
import { isUrl } from './url.ts'

const grpcServer = 'protocols.grpc'

const urlPath =
  (signal: string): Check =>
  read => {
    const path = `protocols.http.${signal}_url_path`
    const bad = !read.isUnknown(path) && !isUrl(read.written(path) ?? '')
    return when(bad, path, `\`${signal}_url_path\` is no path of a URL`, `Write one such as /v1/${signal}.`)
  }

// Go multiplies by 2^20 and drops all above 64 bits.
const isBelow0InBytes = (mib: number) =>
  Number.isFinite(mib) && (Math.abs(mib) >= 2 ** 63 || BigInt.asIntN(64, BigInt(Math.trunc(mib)) << 20n) < 0n)

export const receiver: readonly Check[] = [
  ...tls(`${grpcServer}.tls`, true),
  ...tls('protocols.http.tls', true),
  ...['traces', 'metrics', 'logs'].map(urlPath),
  read => {
    const written = ['protocols.grpc', 'protocols.http'].filter(read.has)
    const isOff = written.length > 0 && written.every(path => !read.isTrue(`${path}.enabled`, true))
    return when(isOff, 'protocols', 'every protocol is switched off', 'Switch one of them on.')
  },
  read => {
    const path = `${grpcServer}.max_recv_msg_size_mib`
    return when(
      isBelow0InBytes(read.number(path)),
      path,
      '`max_recv_msg_size_mib` is out of range',
      'Write a number of MiB, such as 16.',
    )
  },
]
