/* The certificate around a key of TLS, for links between nodes and between gateways alike. Nobody
 * trusts anything in it but the key, which membership pins. Only files that speak TLS include this.
 */
#ifndef DIRCHAIN_EXCHANGE_KEY_CERTIFICATE_H
#define DIRCHAIN_EXCHANGE_KEY_CERTIFICATE_H

#include <openssl/x509.h>

/* Self-signed, with the common name given. Caller frees; NULL when OpenSSL cannot. */
X509 *key_certificate_new(EVP_PKEY *key, const char *common_name);

#endif
