import { expect, test } from 'vitest'
import { wireProblem } from '../../src/adapters/wire-problem.ts'

// As Node 20 and grpc-js 1.14 word them; the alerts are those of Go's and OpenSSL's servers.
test.each([
  ['connect ECONNREFUSED 127.0.0.1:1', 'refused'],
  ['getaddrinfo ENOTFOUND nobody.invalid', 'no-such-host'],
  ['Name resolution failed for target dns:nobody.invalid:4317', 'no-such-host'],
  ['connect EHOSTUNREACH 10.0.0.1:1', 'unreachable'],
  ['certificate has expired', 'certificate-expired'],
  ["Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b", 'certificate-name'],
  ['self-signed certificate in certificate chain', 'certificate-untrusted'],
  ['unable to verify the first certificate', 'certificate-untrusted'],
  ['unable to get local issuer certificate', 'certificate-untrusted'],
  ['ssl3_read_bytes:tlsv13 alert certificate required:rec_layer_s3.c:1601:SSL alert number 116', 'certificate-wanted'],
  ['ssl3_read_bytes:sslv3 alert bad certificate:rec_layer_s3.c:1601:SSL alert number 42', 'certificate-wanted'],
  ['ssl3_read_bytes:tlsv1 alert unknown ca:rec_layer_s3.c:1601:SSL alert number 48', 'certificate-wanted'],
  ['ssl3_get_record:wrong version number:ssl3_record.c:350:', 'not-tls'],
  ['x509 certificate routines::key values mismatch', 'bad-certificate-files'],
  ['PEM routines::no start line', 'bad-certificate-files'],
  ['Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)', 'other-protocol'],
  ['read ECONNRESET', 'closed'],
])('%s: %s', (message, problem) => expect(wireProblem(new Error(message))?.problem).toBe(problem))

test('codes and causes are read, too, and all of several addresses', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
  expect(wireProblem(new Error('fetch failed', { cause: refused }))?.problem).toBe('refused')
  expect(wireProblem(new AggregateError([new Error('y'), refused]))?.problem).toBe('refused')
  expect(wireProblem(new Error('something else'))).toBeUndefined()
})
