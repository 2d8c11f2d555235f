#include "CCacheLines.h"

// All of it is inline; a module needs a file to compile.
