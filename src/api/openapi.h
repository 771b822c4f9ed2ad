/* The OpenAPI document (3.1), generated from the tables that serve and check every request. */
#ifndef DIRCHAIN_API_OPENAPI_H
#define DIRCHAIN_API_OPENAPI_H

#include "api/http.h"

/* Caller owns the result. */
struct doc *openapi_new(const struct http_routes *routes, size_t routes_count);

#endif
