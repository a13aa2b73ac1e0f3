variable "project_id" {
  description = "Project of the secrets."
  type        = string
}

variable "secrets" {
  description = "Secrets by their name, each with the members that may read its value (by a name of your choice). `first_value_command` is run where Terraform runs and adds a first value unless there is one."
  type = map(object({
    description         = string
    readers             = optional(map(string), {})
    first_value_command = optional(string)
  }))
}
