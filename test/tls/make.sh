#!/bin/sh
# Makes the certificates of the TLS tests, good for 100 years. They are worth nothing outside them.
set -e
cd "$(dirname "$0")"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
sign() { # name, subject, alternative names, further arguments
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  printf 'subjectAltName=%s' "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -extfile "$1.ext" -out "$1.pem" $4 $5 $6 $7
  rm "$1.csr" "$1.ext"
}
key ca
openssl req -x509 -new -key ca.key -subj '/CN=failoverctl test authority' -days 36500 -out ca.pem
sign server localhost 'DNS:localhost,IP:127.0.0.1' -days 36500
sign other-name elsewhere.example 'DNS:elsewhere.example' -days 36500
sign expired localhost 'DNS:localhost,IP:127.0.0.1' -days -1
sign client client 'DNS:client' -days 36500
key self-signed
openssl req -x509 -new -key self-signed.key -subj '/CN=localhost' -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -days 36500 -out self-signed.pem
rm -f ca.key ca.srl
