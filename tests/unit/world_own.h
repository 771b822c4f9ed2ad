/* The world (world.h) of a whole program: its group starts and stops it. The node serves the pages
 * of web/. Include once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_WORLD_OWN_H
#define DIRCHAIN_TESTS_UNIT_WORLD_OWN_H

#include "world.h"

static struct world *world;

__attribute__((unused)) static int world_start(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    world = world_open(DIRCHAIN_SOURCE_DIR "/web");
    return 0;
}

__attribute__((unused)) static int world_stop(void **state)
{
    world_close(&world);
    return scratch_remove(state);
}

#endif
