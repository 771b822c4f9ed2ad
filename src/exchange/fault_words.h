/* A fault as a document, for the API's problems and for the terminal: its code in both languages,
 * and what is and what would have been allowed, in words. */
#ifndef DIRCHAIN_EXCHANGE_FAULT_WORDS_H
#define DIRCHAIN_EXCHANGE_FAULT_WORDS_H

#include "base/doc.h"
#include "base/faults.h"

/* {"chinese","clause","code","english","field"}, without the clause where there is none; where it
 * is known {"now":[…],"may":[…],"told","told_zh"}: words as faults.h says, and a sentence of them.
 * Caller owns the result. */
struct doc *fault_to_doc(const struct fault *fault);

#endif
