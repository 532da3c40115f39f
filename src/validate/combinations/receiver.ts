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

export const receiver: readonly Check[] = [
  ...tls(`${grpcServer}.tls`, true),
  ...tls('protocols.http.tls', true),
  ...['traces', 'metrics', 'logs'].map(urlPath),
  read => {
    const path = `${grpcServer}.max_recv_msg_size_mib`
    return when(
      Number.isFinite(read.number(path)) && (Math.trunc(read.number(path)) < 0 || read.number(path) > 8_796_093_022_207),
      path,
      '`max_recv_msg_size_mib` is out of range',
      'Write a number of MiB, such as 16.',
    )
  },
]
