namespace OrleansMl.Engines.Torch.Tests.Training;

/// <summary>Configurations for the example datasets.</summary>
internal static class Configurations
{
    /// <summary>A CNN with all that is random and all that has state: dropout, augmentation, batch norm, Adam, early stopping.</summary>
    public const string Everything = """
        model: corners
        dataset: memory
        input_features:
          - name: image
            type: image
            encoder: { type: cnn, channels: [4, 6], batch_norm: true, hidden: [16], dropout: 0.3 }
        output_features:
          - { name: label, type: category }
        trainer:
          epochs: 4
          batch_size: 16
          optimizer: { type: adam, learning_rate: 0.01 }
          schedule: { type: cosine, warmup_steps: 3 }
          gradient_clipping: { norm: 1 }
          early_stopping: { metric: accuracy, patience: 3 }
          augmentation: { horizontal_flip: true, crop_padding: 2, brightness: 0.2, erase: 0.3 }
          log_every_steps: 3
        checkpoints: { every_steps: 5 }
        """;

    /// <summary>Several heads on columns of every kind, SGD with momentum.</summary>
    public const string Table = """
        model: customers
        dataset: memory
        input_features:
          - { name: age, type: number, preprocessing: { missing: mean } }
          - { name: city, type: category }
          - { name: member, type: binary }
          - { name: taste, type: vector }
          - { name: visits, type: category, encoder: { type: one_hot } }
        combiner: { type: concat, hidden: [24], normalization: layer, dropout: 0.1 }
        output_features:
          - { name: bought, type: binary, loss: { class_weights: balanced } }
          - { name: spent, type: number, loss: { type: huber } }
          - { name: segment, type: category, loss: { label_smoothing: 0.1 } }
        trainer:
          epochs: 5
          batch_size: 20
          optimizer: { type: sgd, learning_rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.0001 }
          schedule: { type: step, step_epochs: 2, gamma: 0.5 }
          gradient_clipping: { value: 0.5 }
          log_every_steps: 4
        checkpoints: { every_steps: 6 }
        """;
}
