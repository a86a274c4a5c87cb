#include <iostream>
#include <string>

std::string StoreSomething();

int main() { std::cout << StoreSomething() << "\n"; }
