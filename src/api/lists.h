/* The lists by name: for their routes and for what tests ask the planner. */
#ifndef DIRCHAIN_API_LISTS_H
#define DIRCHAIN_API_LISTS_H

#include "api/list_query.h"

extern const struct list list_duties, list_entries, list_requests, list_grants, list_accesses,
    list_transactions, list_acts, list_evidence, list_deadlines, list_matters;

#endif
