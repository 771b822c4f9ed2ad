/* A certificate that says no more than its key. */
#include "exchange/key_certificate.h"

#include <stdbool.h>

/* From the year 2000 to 9999-12-31: dates must be there, and are never looked at. */
static bool fill(X509 *certificate, EVP_PKEY *key, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, 2 /* v3 */) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z") == 1 &&
           ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name,
                                      -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           X509_sign(certificate, key, NULL) > 0;
}

X509 *key_certificate_new(EVP_PKEY *key, const char *common_name)
{
    X509 *certificate = X509_new();
    if (certificate != NULL && !fill(certificate, key, common_name)) {
        X509_free(certificate);
        certificate = NULL;
    }
    return certificate;
}
