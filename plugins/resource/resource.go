// Package resource finds out what a machine has (cores, memory, GPUs), divides it into slots that run one evaluation
// each, and measures what a process and its descendants use.
package resource
