namespace OrleansMl.Core.Training.Architectures;

/// <summary>How a raw feature becomes what its encoder takes; part of the exported graph, so that a served model gets raw features.</summary>
public abstract record InputTransform
{
    private protected InputTransform() { }
}
