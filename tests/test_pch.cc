// The program that the precompiled header of the tests belongs to: a target needs one.
int main() { return 0; }
