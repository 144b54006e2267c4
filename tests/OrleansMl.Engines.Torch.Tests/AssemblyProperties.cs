using Xunit.Sdk;
using Xunit.v3;

// LibTorch's random generator belongs to the process: tests that draw from it side by side would not be repeatable.
[assembly: Parallelization(Mode = ParallelMode.None)]
