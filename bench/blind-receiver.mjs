// Takes HTTP requests, reads their bodies and looks at none of them: what is left is the sender's own speed.
//   node bench/blind-receiver.mjs     prints its port, and runs until it is killed
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 })
    response.end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
