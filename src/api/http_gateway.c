/* TLS of the gateways' listener: the one file that knows the TLS library beneath libmicrohttpd.
 * Bytes pass the guard after decryption, and a client is known by the key of its certificate. */
#include "api/http_internal.h"
#include "api/http_link.h"
#include "base/errors.h"
#include "base/memory.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <string.h>

/* ---- receiving: as http_link.c does for plain sockets ---- */

ssize_t __real_gnutls_record_recv(gnutls_session_t session, void *out, size_t len);
ssize_t __wrap_gnutls_record_recv(gnutls_session_t session, void *out, size_t len);

static ssize_t read_session(void *context, void *out, size_t len)
{
    return __real_gnutls_record_recv(context, out, len);
}

ssize_t __wrap_gnutls_record_recv(gnutls_session_t session, void *out, size_t len)
{
    struct http_link *link = http_link_of(gnutls_transport_get_int(session));
    if (!link)
        return __real_gnutls_record_recv(session, out, len);
    struct http_source source = {.read = read_session, .context = session};
    ssize_t got = http_link_receive(link, &source, out, len);
    return got == -1 ? GNUTLS_E_AGAIN : got; /* held back: no code of the library is -1 */
}

/* ---- the listener ---- */

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3"

void http_gateway_options(struct MHD_OptionItem *out, const struct http_tls *tls)
{
    size_t count = 0;
    if (tls) {
        void *certificate = (void *)(uintptr_t)tls->certificate_pem; /* the library's types */
        void *key = (void *)(uintptr_t)tls->key_pem, *priorities = (void *)(uintptr_t)PRIORITIES;
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, key};
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, certificate};
        /* This only asks for a certificate; routes judge the one that comes. */
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, certificate};
        out[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities};
    }
    out[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

/* ---- who the client is ---- */

static void certificate_free(gnutls_x509_crt_t *certificate)
{
    if (*certificate)
        gnutls_x509_crt_deinit(*certificate);
}

static void key_free(gnutls_pubkey_t *key)
{
    if (*key)
        gnutls_pubkey_deinit(*key);
}

int http_gateway_peer_key(uint8_t out[HTTP_PEER_KEY_BYTES], void *session)
{
    unsigned count = 0;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(session, &count);
    if (!shown || count == 0)
        return ERR_NOT_FOUND;
    AUTO(certificate_free) gnutls_x509_crt_t certificate = NULL;
    AUTO(key_free) gnutls_pubkey_t key = NULL;
    if (gnutls_x509_crt_init(&certificate) != 0 || gnutls_pubkey_init(&key) != 0 ||
        gnutls_x509_crt_import(certificate, &shown[0], GNUTLS_X509_FMT_DER) != 0 ||
        gnutls_pubkey_import_x509(key, certificate, 0) != 0)
        return ERR_NOT_FOUND;
    gnutls_ecc_curve_t curve;
    gnutls_datum_t x = {0}, y = {0};
    if (gnutls_pubkey_export_ecc_raw(key, &curve, &x, &y) != 0)
        return ERR_NOT_FOUND;
    bool good = curve == GNUTLS_ECC_CURVE_ED25519 && x.size == HTTP_PEER_KEY_BYTES;
    if (good)
        memcpy(out, x.data, HTTP_PEER_KEY_BYTES);
    gnutls_free(x.data);
    gnutls_free(y.data);
    return good ? 0 : ERR_NOT_FOUND;
}
