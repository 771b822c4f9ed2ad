/* Problem documents (RFC 9457): how the API says that something is wrong. The code is stable and
 * from base/errors.def; all faults of the input are told at once, in English and Chinese. */
#ifndef DIRCHAIN_API_PROBLEM_H
#define DIRCHAIN_API_PROBLEM_H

#include "base/doc.h"
#include "base/faults.h"

#define PROBLEM_TYPE "application/problem+json; charset=utf-8"

/* HTTP status that belongs to an error. */
unsigned problem_status(int error);
/* {"type","title","status","code","detail","detail_zh","faults":[{"code","field","english",
 * "chinese","clause",…}…],"dropped"}, each as fault_words.h says; `faults` may be NULL. Caller owns
 * the result. */
struct doc *problem_new(int error, const struct faults *faults);

#endif
